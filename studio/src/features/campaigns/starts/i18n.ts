import { texts } from "@/i18n";

/** Texts of what starts campaigns by itself. */
export const startsTexts = texts({
  en: {
    schedules: "By the clock", schedulesEmpty: "A schedule starts a campaign at set times: every night, say.", newSchedule: "New schedule", hooks: "By another program", hooksEmpty: "A hook starts a campaign when a repository, or any program, sends a signed request.", newHook: "New hook",
    name: "Name", cron: "When", cronHint: "Minute, hour, day, month and weekday, in UTC: 0 3 * * 1-5 is 3:00 on workdays.", next: "Next", last: "Last", off: "Off", runNow: "Start now", started: "A campaign has started", delete: "Delete", deleteTitle: "Delete “{name}”?", deleteText: "It cannot be restored. Campaigns that it has started stay.",
    template: "Like which campaign", templateHint: "It starts with the settings that this campaign had.", chooseTemplate: "Choose a campaign", create: "Create", turnOn: "{name} is on", failed: "This did not work", lastCampaign: "Open it",
    provider: "Sender", generic: "Any program", github: "GitHub", gitlab: "GitLab", url: "Address", secret: "Signing secret", secretHint: "What the sender signs requests with. It is never shown again.", makeSecret: "Make one", branches: "Branches", branchesHint: "Separated by commas; every branch when empty.", deliveries: "What came", noDeliveries: "Nothing has come yet.", push: "Push", tag: "Tag", pull_request: "Pull request", custom: "Request", received: "Received", ignored: "Ignored", ping: "Ping", failedOutcome: "Failed", startedOutcome: "Started",
    hookMade: "The hook is there. Enter its address and the secret at the sender.",
  },
  vi: {
    schedules: "Theo lịch", schedulesEmpty: "Lịch bắt đầu chiến dịch vào giờ định sẵn, chẳng hạn mỗi đêm.", newSchedule: "Lịch mới", hooks: "Từ chương trình khác", hooksEmpty: "Hook bắt đầu chiến dịch khi kho mã hay chương trình gửi yêu cầu có chữ ký.", newHook: "Hook mới",
    name: "Tên", cron: "Khi nào", cronHint: "Phút, giờ, ngày, tháng, thứ, theo UTC: 0 3 * * 1-5 là 3:00 các ngày làm việc.", next: "Lần tới", last: "Lần trước", off: "Tắt", runNow: "Chạy ngay", started: "Một chiến dịch đã bắt đầu", delete: "Xóa", deleteTitle: "Xóa “{name}”?", deleteText: "Không thể khôi phục. Các chiến dịch đã bắt đầu vẫn còn.",
    template: "Theo chiến dịch nào", templateHint: "Bắt đầu với thiết lập của chiến dịch này.", chooseTemplate: "Chọn chiến dịch", create: "Tạo", turnOn: "{name} đang bật", failed: "Không thực hiện được", lastCampaign: "Mở",
    provider: "Bên gửi", generic: "Chương trình bất kỳ", github: "GitHub", gitlab: "GitLab", url: "Địa chỉ", secret: "Khóa ký", secretHint: "Bên gửi dùng để ký yêu cầu. Khóa không được hiện lại.", makeSecret: "Tạo khóa", branches: "Nhánh", branchesHint: "Cách nhau bằng dấu phẩy; để trống là mọi nhánh.", deliveries: "Đã nhận", noDeliveries: "Chưa nhận gì.", push: "Đẩy mã", tag: "Thẻ", pull_request: "Yêu cầu kéo", custom: "Yêu cầu", received: "Đã nhận", ignored: "Bỏ qua", ping: "Kiểm tra", failedOutcome: "Lỗi", startedOutcome: "Đã bắt đầu",
    hookMade: "Hook đã sẵn sàng. Hãy nhập địa chỉ và khóa ở bên gửi.",
  },
});
