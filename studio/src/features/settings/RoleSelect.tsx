import type { ComponentProps } from "react";
import { Select } from "@/ui/input";
import { useRoles } from "./roles";

/** A choice of a role. */
export function RoleSelect({ value, ...rest }: Omit<ComponentProps<typeof Select>, "children"> & { value: string }) {
  const { roles, nameOf } = useRoles();
  return (
    <Select value={value} {...rest}>
      {!roles.some((one) => one.role === value) && <option value={value}>{value ? nameOf(value) : "…"}</option>}
      {roles.map((one) => <option key={one.role} value={one.role}>{nameOf(one.role)}</option>)}
    </Select>
  );
}
