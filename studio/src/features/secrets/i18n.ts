import { texts } from "@/i18n";

/** Texts of secrets. */
export const secretTexts = texts({
  en: {
    all: "All secrets", hosts: "Hosts", value: "Value", stored: "stored", none: "none", delete: "Delete", created: "{name} was created", secret: "Secret",
    name: "Name", nameHint: "What headers call it: {use}. Letters, digits and _.", hostsHint: "One a line, without a port: it is sent to these alone. To change them takes the value.", description: "Description",
    valueHint: "Stored encrypted and never shown again.", valueKept: "One is stored. Leave this empty to keep it.", valueGoes: "The stored value is removed when you save.", removeValue: "Remove the stored value", keepValue: "Keep it", usedAs: "Used as", copyUse: "Copy how it is named",
  },
  vi: {
    all: "Tất cả bí mật", hosts: "Máy chủ", value: "Giá trị", stored: "đã lưu", none: "không có", delete: "Xóa", created: "Đã tạo {name}", secret: "Bí mật",
    name: "Tên", nameHint: "Cách header gọi: {use}. Gồm chữ cái, chữ số và _.", hostsHint: "Mỗi dòng một máy chủ, không kèm cổng: chỉ gửi đến đây. Muốn đổi phải nhập lại giá trị.", description: "Mô tả",
    valueHint: "Được lưu mã hóa và không bao giờ hiện lại.", valueKept: "Đã có một giá trị. Để trống để giữ nguyên.", valueGoes: "Giá trị đã lưu sẽ bị xóa khi bạn lưu.", removeValue: "Xóa giá trị đã lưu", keepValue: "Giữ lại", usedAs: "Cách dùng", copyUse: "Sao chép cách gọi",
  },
});
