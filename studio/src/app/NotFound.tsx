import { ApiError } from "@/api/error";
import { ErrorState } from "@/ui/states";

/** An address that is no page's. */
export const NotFound = () => <ErrorState error={new ApiError(404, {})} />;
