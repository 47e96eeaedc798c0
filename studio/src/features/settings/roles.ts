import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Permission, type Schemas, unwrap } from "@/api/client";
import { useMay } from "@/api/me";
import { type Both, useBoth } from "@/i18n";

export type Role = Schemas["Role"];

/** What each permission is good for, in the order in which they are shown. */
export const PERMISSIONS: Record<Permission, Both> = {
  resources_read: { en: "See agents, datasets, metrics and the like", vi: "Xem tác tử, bộ dữ liệu, chỉ số và tương tự" },
  resources_write: { en: "Change agents, datasets, metrics and the like", vi: "Sửa tác tử, bộ dữ liệu, chỉ số và tương tự" },
  campaigns_read: { en: "See campaigns and runs", vi: "Xem chiến dịch và lượt chạy" },
  campaigns_run: { en: "Start and stop campaigns", vi: "Chạy và dừng chiến dịch" },
  evaluations_run: { en: "Score cases directly", vi: "Chấm điểm trực tiếp" },
  traces_read: { en: "See traces", vi: "Xem vết" },
  traces_write: { en: "Send and delete traces", vi: "Gửi và xóa vết" },
  scores_write: { en: "Give scores and review", vi: "Cho điểm và đánh giá" },
  members_read: { en: "See the team", vi: "Xem nhóm" },
  members_manage: { en: "Invite, change and remove members", vi: "Mời, sửa và xóa thành viên" },
  roles_manage: { en: "Manage roles", vi: "Quản lý vai trò" },
  api_keys_manage: { en: "Manage API keys and service accounts", vi: "Quản lý khóa API và tài khoản dịch vụ" },
  audit_read: { en: "Read the audit log", vi: "Đọc nhật ký kiểm toán" },
  workspace_read: { en: "See the workspace's settings", vi: "Xem thiết lập không gian làm việc" },
  workspace_manage: { en: "Change the workspace's settings", vi: "Sửa thiết lập không gian làm việc" },
  ownership_transfer: { en: "Hand the workspace over", vi: "Chuyển giao không gian làm việc" },
};

const NAMES: Record<string, Both> = {
  owner: { en: "Owner", vi: "Chủ sở hữu" },
  admin: { en: "Admin", vi: "Quản trị viên" },
  editor: { en: "Editor", vi: "Biên tập viên" },
  reviewer: { en: "Reviewer", vi: "Người đánh giá" },
  viewer: { en: "Viewer", vi: "Người xem" },
};

/** The roles of the workspace; and what each is called. */
export function useRoles() {
  const may = useMay("members_read");
  const both = useBoth();
  const query = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => unwrap(api.GET("/api/v1/roles", { signal })), enabled: may, staleTime: 30_000 });
  return useMemo(() => {
    const roles = query.data?.data ?? [];
    const nameOf = (role: string) => {
      const known = NAMES[role];
      return known ? both(known) : roles.find((one) => one.role === role)?.name ?? role;
    };
    return { query, roles, nameOf };
  }, [query, both]);
}

/** How the API's paths name a role of the workspace's own. */
export const roleId = (role: Role) => role.role.replace(/^custom:/, "");
