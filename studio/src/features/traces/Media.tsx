import { useQuery } from "@tanstack/react-query";
import { FileDown } from "lucide-react";
import { api, unwrap } from "@/api/client";
import { useText } from "@/i18n";
import { bytes } from "@/lib/format";
import { detailTexts } from "./trace-i18n";

/** A picture that stands in the payload itself. One that lies elsewhere is named: to fetch it would tell who looks. */
export function Picture({ url }: { url: string }) {
  const t = useText(detailTexts);
  return url.startsWith("data:image/")
    ? <img src={url} alt={t("picture")} className="max-h-80 max-w-full rounded-md border border-line" />
    : <span className="text-xs break-all text-muted">{t("pictureElsewhere", { url })}</span>;
}

/** A file that was sent with a trace. */
export function MediaFile({ id, mime }: { id: string; mime: string }) {
  const t = useText(detailTexts);
  const file = useQuery({
    queryKey: ["media", id],
    queryFn: async () => await unwrap(api.GET("/api/public/media/{id}", { params: { path: { id } } })) as { url: string; contentType: string; contentLength: number },
    // Its address works for a while, and not for ever.
    staleTime: 240_000,
    retry: false,
  });
  if (file.error) return <p className="text-xs text-muted">{t("mediaMissing")} <span className="font-mono">{mime}</span></p>;
  if (!file.data) return <div className="h-24 w-40 animate-pulse rounded-md bg-sunken" />;
  const type = file.data.contentType;
  const at = new URL(file.data.url, location.origin);
  // The platform names itself as it is called from outside; the page may be served under another name of it.
  const url = at.pathname.startsWith("/api/public/media/") ? at.pathname + at.search : at.href;
  return (
    <figure className="grid w-fit max-w-full gap-1">
      {type.startsWith("image/") && <img src={url} alt={t("picture")} loading="lazy" className="max-h-80 max-w-full rounded-md border border-line" />}
      {type.startsWith("audio/") && <audio controls src={url} aria-label={t("file")} className="max-w-full" />}
      {type.startsWith("video/") && <video controls src={url} aria-label={t("file")} className="max-h-80 max-w-full rounded-md" />}
      <figcaption>
        <a href={url} download className="inline-flex items-center gap-1.5 text-xs text-muted hover:text-accent hover:underline"><FileDown aria-hidden className="size-3.5" />{t("download", { mime: type })} · {bytes(file.data.contentLength)}</a>
      </figcaption>
    </figure>
  );
}
