import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { request, type Schemas } from "@/api/client";
import { useMay, useMe } from "@/api/me";
import { usePages } from "@/api/pages";
import { useText } from "@/i18n";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/dialog";
import { Textarea } from "@/ui/input";
import { Markdown } from "@/ui/markdown";
import { ErrorState, Loading, messageOf } from "@/ui/states";
import { toastError } from "@/ui/toast";
import { When } from "./cells";
import { detailTexts } from "./trace-i18n";

/** A comment. */
export type Comment = Schemas["Comment"];
/** What comments are on. */
export interface CommentSubject {
  object_type: Comment["object_type"];
  object_id: string;
  trace_id?: string;
}

/** The comments on one thing. */
export const useComments = ({ object_type, object_id, trace_id }: CommentSubject) =>
  usePages<Comment>({ key: ["comments"], path: "/api/v1/comments", query: { object_type, object_id, trace_id } });

/** What people said of a trace, an observation or a session. */
export function Comments({ subject }: { subject: CommentSubject }) {
  const t = useText(detailTexts);
  const client = useQueryClient();
  const mayWrite = useMay("scores_write");
  const comments = useComments(subject);
  const send = useMutation({
    mutationFn: (content: string) => request<Comment>("POST", "/api/v1/comments", { body: { ...subject, content } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["comments"] }),
    onError: (error) => toastError(messageOf(error, t("failed"))),
  });
  const nameOf = useNames();
  // The oldest first: a conversation is read from its beginning.
  const rows = useMemo(() => [...comments.rows].reverse(), [comments.rows]);
  return (
    <div className="grid gap-3">
      {comments.error ? <ErrorState error={comments.error} onRetry={() => void comments.refetch()} /> : comments.isPending ? <Loading rows={2} /> : rows.length === 0 ? <p className="text-sm text-muted">{t("noComments")}</p> : (
        <ul className="grid gap-2">{rows.map((one) => <CommentRow key={one.id} comment={one} author={nameOf(one)} />)}</ul>
      )}
      {mayWrite && <Writer label={t("write")} action={t("send")} busy={send.isPending} onSend={(content, done) => send.mutate(content, { onSuccess: done })} />}
    </div>
  );
}

function CommentRow({ comment, author }: { comment: Comment; author: string }) {
  const t = useText(detailTexts);
  const me = useMe();
  const client = useQueryClient();
  const [state, setState] = useState<"edit" | "remove" | null>(null);
  const own = comment.author_id === (me.user?.id ?? me.key?.id);
  const options = { onSuccess: async () => { setState(null); await client.invalidateQueries({ queryKey: ["comments"] }); }, onError: (error: unknown) => toastError(messageOf(error, t("failed"))) };
  const path = `/api/v1/comments/${comment.id}`;
  const change = useMutation({ mutationFn: (content: string) => request("PATCH", path, { body: { content }, headers: { "if-match": `"v${comment.version}"` } }), ...options });
  const remove = useMutation({ mutationFn: () => request("DELETE", path), ...options });
  return (
    <li className="card px-3 py-2 text-sm" aria-label={t("commentOf", { name: author })}>
      <header className="mb-1 flex items-center gap-2 text-xs">
        <span className="font-medium">{author}</span>
        <When at={comment.created_at} />
        {comment.version > 1 && <span className="text-muted">{t("edited")}</span>}
        {own && (
          <span className="ml-auto flex">
            <Button variant="ghost" size="sm" className="h-6" onClick={() => setState(state === "edit" ? null : "edit")}>{t("edit")}</Button>
            <Button variant="ghost" size="sm" className="h-6" onClick={() => setState("remove")}>{t("remove")}</Button>
          </span>
        )}
      </header>
      {state === "edit"
        ? <Writer label={t("edit")} action={t("save")} initial={comment.content} busy={change.isPending} onSend={(content) => change.mutate(content)} onCancel={() => setState(null)} />
        : <Markdown text={comment.content} />}
      <Confirm open={state === "remove"} onClose={() => setState(null)} title={t("removeComment")} description={t("removeCommentText")} confirm={t("remove")} danger busy={remove.isPending} onConfirm={() => remove.mutate()} />
    </li>
  );
}

function Writer({ label, action, initial = "", busy, onSend, onCancel }: { label: string; action: string; initial?: string; busy: boolean; onSend(content: string, done: () => void): void; onCancel?(): void }) {
  const t = useText(detailTexts);
  const [text, setText] = useState(initial);
  const send = () => { if (text.trim() && !busy) onSend(text, () => setText("")); };
  return (
    <form className="grid gap-2" onSubmit={(event) => { event.preventDefault(); send(); }}>
      <Textarea
        aria-label={label} placeholder={label} rows={3} value={text} onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); } }}
      />
      <div className="flex items-center gap-2">
        <Button type="submit" size="sm" variant="primary" busy={busy} disabled={!text.trim()}>{action}</Button>
        {onCancel && <Button size="sm" variant="ghost" onClick={onCancel}>{t("cancel")}</Button>}
        <span className="text-xs text-muted">{t("writeHint")}</span>
      </div>
    </form>
  );
}

/** Names of authors: members are named, where the caller may know them. */
function useNames(): (comment: Comment) => string {
  const t = useText(detailTexts);
  const me = useMe();
  const members = usePages<Schemas["Member"]>({ key: ["members", "names"], path: "/api/v1/members", limit: 200, enabled: useMay("members_read") });
  return ({ author_id, author_kind, on_behalf_of }) => {
    const id = on_behalf_of ?? author_id;
    if (id === (me.user?.id ?? me.key?.id)) return t("you");
    const member = members.rows.find((one) => one.user_id === id);
    return member ? member.name || member.email || id : author_kind === "api_key" ? t("key") : author_kind === "service_account" ? t("service") : id;
  };
}
