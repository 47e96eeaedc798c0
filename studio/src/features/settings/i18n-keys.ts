import { texts } from "@/i18n";

/** Texts of API keys and service accounts. */
export const keyTexts = texts({
  en: {
    title: "API keys", keys: "Keys", accounts: "Service accounts", newKey: "New key", newAccount: "New service account", search: "Search by name or public key", searchAccounts: "Search by name or description",
    emptyKeys: "A key lets a program in: your application that sends traces, a script, CI.", emptyAccounts: "A service account is what CI and other programs are. Its keys have its role, and all of them can be switched off at once.",
    name: "Name", publicKey: "Public key", secretKey: "Secret key", role: "Role", belongs: "Service account", lastUsed: "Last used", never: "Never", expires: "Expires", made: "Made", description: "Description", state: "State", on: "On", off: "Switched off",
    own: "None: a role of its own", expiryNever: "Never", expiryHint: "Empty: it never expires.", scopes: "Only these permissions", scopesHint: "None chosen: all that its role has.", create: "Create", save: "Save",
    onceText: "The secret is shown now and never again. Copy it to where it is needed.", haveIt: "I have copied it", copy: "Copy", newSecret: "The key and its secret", environment: "For the environment",
    rotate: "New secret", rotateTitle: "Give {name} a new secret?", rotateText: "The old one is refused from the next request on.", revoke: "Revoke", revokeTitle: "Revoke {name}?", revokeText: "The next request with it is refused. This cannot be undone.", revoked: "{name} was revoked", edit: "Edit", changed: "Saved", expired: "Expired", ownKey: "You use this key now: with it you are signed out.",
    disable: "Switch off", enable: "Switch on", disabledToast: "{name} is off: its keys are refused", enabledToast: "{name} is on", delete: "Delete", deleteTitle: "Delete {name}?", deleteAccountText: "Its keys go with it. This cannot be undone.", deleted: "{name} was deleted", keysOf: "Keys", addKey: "New key for {name}", failed: "This did not work", actions: "What can be done with {name}", clear: "Clear", noMatch: "Nothing matches",
  },
  vi: {
    title: "Khóa API", keys: "Khóa", accounts: "Tài khoản dịch vụ", newKey: "Khóa mới", newAccount: "Tài khoản dịch vụ mới", search: "Tìm theo tên hoặc khóa công khai", searchAccounts: "Tìm theo tên hoặc mô tả",
    emptyKeys: "Khóa cho phép một chương trình truy cập: ứng dụng gửi vết, tập lệnh, CI.", emptyAccounts: "Tài khoản dịch vụ dành cho CI và các chương trình khác. Khóa của nó có vai trò của nó, và có thể tắt tất cả cùng lúc.",
    name: "Tên", publicKey: "Khóa công khai", secretKey: "Khóa bí mật", role: "Vai trò", belongs: "Tài khoản dịch vụ", lastUsed: "Dùng lần cuối", never: "Chưa bao giờ", expires: "Hết hạn", made: "Tạo lúc", description: "Mô tả", state: "Trạng thái", on: "Bật", off: "Đã tắt",
    own: "Không: có vai trò riêng", expiryNever: "Không bao giờ", expiryHint: "Để trống: không bao giờ hết hạn.", scopes: "Chỉ các quyền này", scopesHint: "Không chọn: mọi quyền của vai trò.", create: "Tạo", save: "Lưu",
    onceText: "Bí mật chỉ hiện lúc này và không bao giờ hiện lại. Hãy chép đến nơi cần dùng.", haveIt: "Tôi đã chép", copy: "Sao chép", newSecret: "Khóa và bí mật của nó", environment: "Cho biến môi trường",
    rotate: "Bí mật mới", rotateTitle: "Cấp bí mật mới cho {name}?", rotateText: "Bí mật cũ bị từ chối từ yêu cầu tiếp theo.", revoke: "Thu hồi", revokeTitle: "Thu hồi {name}?", revokeText: "Yêu cầu tiếp theo dùng khóa này bị từ chối. Không thể hoàn tác.", revoked: "Đã thu hồi {name}", edit: "Sửa", changed: "Đã lưu", expired: "Đã hết hạn", ownKey: "Bạn đang dùng khóa này: bạn sẽ bị đăng xuất.",
    disable: "Tắt", enable: "Bật", disabledToast: "Đã tắt {name}: khóa của nó bị từ chối", enabledToast: "Đã bật {name}", delete: "Xóa", deleteTitle: "Xóa {name}?", deleteAccountText: "Các khóa của nó mất theo. Không thể hoàn tác.", deleted: "Đã xóa {name}", keysOf: "Khóa", addKey: "Khóa mới cho {name}", failed: "Không thực hiện được", actions: "Thao tác với {name}", clear: "Bỏ lọc", noMatch: "Không có kết quả",
  },
});
