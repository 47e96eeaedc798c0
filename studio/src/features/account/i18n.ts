import { texts } from "@/i18n";

/** Texts of signing in, invitations and the profile. */
export const accountTexts = texts({
  en: {
    signIn: "Sign in", signInWith: "Sign in with {name}", or: "or",
    keysHint: "Use an API key pair of your workspace. It stays in this browser tab and goes with it.",
    publicKey: "Public key", secretKey: "Secret key", refused: "These keys are not accepted. Check both and try again.",
    firstStart: "First time here?",
    firstStartText: "An instance that runs on your machine prints a link and a key pair when it starts. On a server, whoever set it up has the key pair of the first workspace.",
    tagline: "Know what your agents do, and whether they do it well.",
    invited: "You are invited", noInvitation: "No invitation", noInvitationText: "Open the whole link of your invitation again.",
    joinAs: "You are signed in as {name}. Join the workspace?", join: "Join", signInFirst: "Sign in to join the workspace.",
    personOnly: "Invitations are for people. You are signed in by a key pair: sign out, then sign in with an identity provider.",
    signOut: "Sign out", home: "Home",
    profile: "Profile", name: "Name", email: "Email", role: "Role", workspace: "Workspace", key: "Key",
    permissions: "What you may do here", sessions: "Where you are signed in", thisSession: "This one",
    lastSeen: "Last seen", expires: "Ends", end: "End", ended: "The session has ended.", device: "Device",
    endAll: "Sign out everywhere", endAllText: "Every session of yours ends, this one too.",
    workspaces: "Your workspaces", open: "Open",
  },
  vi: {
    signIn: "Đăng nhập", signInWith: "Đăng nhập bằng {name}", or: "hoặc",
    keysHint: "Dùng cặp khóa API của không gian làm việc. Khóa chỉ nằm trong thẻ trình duyệt này và mất khi đóng thẻ.",
    publicKey: "Khóa công khai", secretKey: "Khóa bí mật", refused: "Cặp khóa không được chấp nhận. Hãy kiểm tra cả hai rồi thử lại.",
    firstStart: "Lần đầu đến đây?",
    firstStartText: "Bản chạy trên máy của bạn in ra một liên kết và một cặp khóa khi khởi động. Trên máy chủ, người cài đặt có cặp khóa của không gian làm việc đầu tiên.",
    tagline: "Biết tác tử của bạn làm gì, và làm tốt đến đâu.",
    invited: "Bạn được mời", noInvitation: "Không có lời mời", noInvitationText: "Hãy mở lại toàn bộ liên kết lời mời.",
    joinAs: "Bạn đang đăng nhập với tên {name}. Tham gia không gian làm việc?", join: "Tham gia", signInFirst: "Đăng nhập để tham gia không gian làm việc.",
    personOnly: "Lời mời dành cho người dùng. Bạn đang đăng nhập bằng cặp khóa: hãy đăng xuất rồi đăng nhập bằng nhà cung cấp danh tính.",
    signOut: "Đăng xuất", home: "Trang chủ",
    profile: "Hồ sơ", name: "Tên", email: "Email", role: "Vai trò", workspace: "Không gian làm việc", key: "Khóa",
    permissions: "Bạn được làm gì ở đây", sessions: "Nơi bạn đang đăng nhập", thisSession: "Phiên này",
    lastSeen: "Lần cuối", expires: "Kết thúc", end: "Kết thúc", ended: "Phiên đã kết thúc.", device: "Thiết bị",
    endAll: "Đăng xuất mọi nơi", endAllText: "Mọi phiên của bạn sẽ kết thúc, kể cả phiên này.",
    workspaces: "Các không gian làm việc của bạn", open: "Mở",
  },
});
