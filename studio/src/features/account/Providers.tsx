import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import { useText } from "@/i18n";
import { accountTexts } from "./i18n";

/** How people sign in here; empty where no identity provider is set up, and where that cannot be told. */
export const useProviders = () =>
  useQuery({ queryKey: ["providers"], queryFn: () => unwrap(api.GET("/api/v1/auth/providers")), staleTime: Infinity }).data?.data ?? [];

/** A button for each identity provider. */
export function Providers({ returnTo }: { returnTo: string }) {
  const t = useText(accountTexts);
  return (
    <div className="grid gap-2">
      {useProviders().map((provider) => (
        <a
          key={provider.id}
          href={`${provider.sign_in_url}?return_to=${encodeURIComponent(returnTo)}`}
          className="inline-flex h-9 items-center justify-center rounded-md bg-accent px-3 text-sm font-medium text-on-accent hover:bg-accent-strong"
        >
          {t("signInWith", { name: provider.name })}
        </a>
      ))}
    </div>
  );
}
