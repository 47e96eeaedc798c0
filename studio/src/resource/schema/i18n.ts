import { texts } from "@/i18n";

/** Texts of forms that are made from a schema. */
export const schemaTexts = texts({
  en: {
    add: "Add", remove: "Remove {name}", entry: "Entry {n}", key: "Name", value: "Value", none: "Not set", standard: "Standard: {value}",
    between: "{min} to {max}", atLeast: "{min} or more", atMost: "{max} or less", notApplicable: "empty: does not apply", form: "Form", fewer: "Take it away",
  },
  vi: {
    add: "Thêm", remove: "Xóa {name}", entry: "Mục {n}", key: "Tên", value: "Giá trị", none: "Chưa đặt", standard: "Mặc định: {value}",
    between: "Từ {min} đến {max}", atLeast: "Từ {min} trở lên", atMost: "Không quá {max}", notApplicable: "trống: không áp dụng", form: "Dạng", fewer: "Bỏ đi",
  },
});
