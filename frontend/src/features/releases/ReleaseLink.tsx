import type { ReactNode } from "react";

import { TextLink } from "@/components/links";

export function ReleaseLink({ id, children }: { id: number; children: ReactNode }) {
  return (
    <TextLink to="/releases/$releaseId" params={{ releaseId: id }}>
      {children}
    </TextLink>
  );
}
