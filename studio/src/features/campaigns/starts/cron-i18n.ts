import { texts } from "@/i18n";

/** A schedule in words. */
export const cronTexts = texts({
  en: {
    everyMinute: "Every minute", everyMinutes: "Every {n} minutes", everyHour: "Every hour, at minute {minutes}", everyHours: "Every {n} hours, at minute {minutes}", at: "At {times}",
    daily: "every day", workdays: "Monday to Friday", weekends: "at weekends", onDays: "every {days}", onDates: "on day {days} of the month", inMonths: "in {months}",
  },
  vi: {
    everyMinute: "Mỗi phút", everyMinutes: "{n} phút một lần", everyHour: "Mỗi giờ, vào phút {minutes}", everyHours: "{n} giờ một lần, vào phút {minutes}", at: "Lúc {times}",
    daily: "hằng ngày", workdays: "từ Thứ Hai đến Thứ Sáu", weekends: "vào cuối tuần", onDays: "vào {days} hằng tuần", onDates: "vào ngày {days} trong tháng", inMonths: "trong {months}",
  },
});
