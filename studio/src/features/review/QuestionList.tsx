import { useEffect, useRef, useState } from "react";
import { MessageSquarePlus } from "lucide-react";
import { useText } from "@/i18n";
import { cx } from "@/lib/cx";
import { Kbd } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Input, Textarea } from "@/ui/input";
import { Markdown } from "@/ui/markdown";
import { type Answered, optionsOf, type Question } from "./answers";
import { reviewTexts } from "./i18n";
import { yesNo } from "./words";

/** The questions of an item with their answers so far. One is active: keys go to it. */
export function QuestionList({ questions, answers, active, onActive, onChange, complaints = {} }: {
  questions: readonly Question[];
  answers: Readonly<Record<string, Answered>>;
  active: number;
  onActive(index: number): void;
  onChange(key: string, answered: Answered): void;
  /** What the server says, by question. */
  complaints?: Readonly<Record<string, string>>;
}) {
  return (
    <ol className="grid gap-3">
      {questions.map((question, index) => (
        <li key={question.key}>
          <OneQuestion
            question={question}
            answered={answers[question.key] ?? {}}
            isActive={index === active}
            onActive={() => onActive(index)}
            onChange={(answered) => onChange(question.key, answered)}
            complaint={complaints[question.key]}
            // Guidelines of a schema that is asked turn by turn are read once.
            showGuidelines={index === 0 || questions[index - 1]?.spec !== question.spec}
          />
        </li>
      ))}
    </ol>
  );
}

function OneQuestion({ question, answered, isActive, onActive, onChange, complaint, showGuidelines }: {
  question: Question;
  answered: Answered;
  isActive: boolean;
  onActive(): void;
  onChange(answered: Answered): void;
  complaint: string | undefined;
  showGuidelines: boolean;
}) {
  const t = useText(reviewTexts);
  const { spec } = question;
  const options = optionsOf(spec, yesNo(t));
  const [noting, setNoting] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isActive) ref.current?.scrollIntoView({ block: "nearest" });
  }, [isActive]);
  const about = question.turn !== null ? t("turn", { n: question.turn + 1 }) : question.observation?.name;
  const name = about ? `${spec.name}, ${about}` : spec.name;
  return (
    <div
      ref={ref}
      role="group"
      aria-label={name}
      data-question={question.key}
      data-active={isActive || undefined}
      onFocus={onActive}
      onClick={onActive}
      className={cx("grid gap-2 rounded-md border border-transparent p-2.5", isActive ? "border-accent/60 bg-accent-soft/40" : "bg-sunken/50")}
    >
      <div className="flex items-baseline gap-2">
        <h3 className="min-w-0 font-medium wrap-anywhere">{spec.name}</h3>
        {about && <span className="truncate text-xs text-muted">{about}</span>}
        {!question.required && <span className="text-xs text-muted">{t("optional")}</span>}
        {spec.kind !== "text" && !noting && !answered.note && (
          <Button variant="ghost" size="icon-sm" className="-my-1 ml-auto" aria-label={`${t("addNote")}: ${name}`} title={t("addNote")} onClick={() => setNoting(true)}><MessageSquarePlus aria-hidden /></Button>
        )}
      </div>
      {spec.description && <p className="text-sm text-muted">{spec.description}</p>}
      {showGuidelines && spec.guidelines && (
        <details open className="text-sm">
          <summary className="label">{t("guidelines")}</summary>
          <div className="mt-1 text-muted"><Markdown text={spec.guidelines} /></div>
        </details>
      )}
      {options ? (
        <div role="radiogroup" aria-label={name} className={cx("flex flex-wrap gap-1.5", spec.kind === "categorical" && options.some((one) => one.description) && "grid")}>
          {options.map((option) => {
            const chosen = answered.value === option.value;
            return (
              <button
                key={String(option.value)}
                type="button"
                role="radio"
                aria-checked={chosen}
                onClick={() => onChange({ ...answered, value: chosen ? undefined : option.value })}
                className={cx(
                  "inline-flex min-h-8 items-center gap-2 rounded-md border px-2.5 py-1 text-left text-sm font-medium",
                  chosen ? "border-accent bg-accent text-on-accent" : "border-edge/60 bg-raised hover:border-edge hover:bg-sunken",
                )}
              >
                {option.key && <Kbd>{option.key}</Kbd>}
                <span className="min-w-0">
                  <span className="block wrap-anywhere">{option.label}</span>
                  {option.description && <span className={cx("block text-xs font-normal", chosen ? "text-on-accent" : "text-muted")}>{option.description}</span>}
                </span>
              </button>
            );
          })}
        </div>
      ) : spec.kind === "numeric" ? (
        <Input
          type="number" step={spec.step ?? "any"} min={spec.min ?? undefined} max={spec.max ?? undefined} className="max-w-40"
          data-typed aria-label={name}
          placeholder={spec.min != null && spec.max != null ? t("typeNumber", { min: spec.min, max: spec.max }) : t("anyNumber")}
          value={typeof answered.value === "number" ? String(answered.value) : ""}
          onChange={(event) => onChange({ ...answered, value: event.target.value === "" ? undefined : Number(event.target.value) })}
        />
      ) : (
        <Textarea data-typed rows={2} aria-label={name} value={typeof answered.value === "string" ? answered.value : ""} onChange={(event) => onChange({ ...answered, value: event.target.value })} />
      )}
      {complaint && <p role="alert" className="text-xs font-medium text-bad">{complaint}</p>}
      {(noting || answered.note) && (
        <Textarea rows={1} className="min-h-8" autoFocus={noting} aria-label={`${t("note")}: ${name}`} placeholder={t("note")} value={answered.note ?? ""} onChange={(event) => onChange({ ...answered, note: event.target.value })} />
      )}
    </div>
  );
}
