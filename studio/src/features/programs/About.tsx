import { useText } from "@/i18n";
import { CopyButton } from "@/ui/copy";
import { Section } from "@/ui/section";
import { programTexts } from "./i18n";

const EXAMPLE = `fn main() {
    let order: serde_json::Value =
        serde_json::from_reader(std::io::stdin()).expect("JSON");
    let known = order["number"].as_u64()
        .is_some_and(|n| n % 97 == 1);
    println!("{}", serde_json::json!({"known": known}));
}`;

/** What a program is, and how one is made. */
export function About() {
  const t = useText(programTexts);
  return (
    <Section title={t("what")}>
      <p className="text-sm text-muted">{t("whatText")}</p>
      <div className="grid gap-1">
        <h3 className="flex items-center justify-between text-sm font-medium">{t("example")}<CopyButton text={EXAMPLE} /></h3>
        <pre tabIndex={0} aria-label={t("example")} className="overflow-x-auto rounded-md bg-sunken p-3 font-mono text-2xs leading-4">{EXAMPLE}</pre>
      </div>
      <div className="grid gap-1"><h3 className="text-sm font-medium">{t("use")}</h3><p className="text-sm text-muted">{t("useText")}</p></div>
      <div className="grid gap-1"><h3 className="text-sm font-medium">{t("bounds")}</h3><ul className="list-disc pl-4 text-sm text-muted"><li>{t("bound1")}</li><li>{t("bound2")}</li><li>{t("bound3")}</li></ul></div>
    </Section>
  );
}
