import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "@/api/client";
import type { components } from "@/api/schema";

type Wanted = components["schemas"]["ClusterImportInputRequest"];

/**
 * Imports a cluster. No mutation of the query client: that one keeps what was sent, and this is a
 * credential.
 */
export function useImport(onDone: () => void) {
  const queryClient = useQueryClient();
  const [state, setState] = useState<{ pending: boolean; error: unknown }>({
    pending: false,
    error: null,
  });
  const send = async (body: Wanted) => {
    setState({ pending: true, error: null });
    try {
      await api.POST("/api/v1/clusters/import", { body });
    } catch (error) {
      setState({ pending: false, error });
      return;
    }
    setState({ pending: false, error: null });
    onDone();
    await queryClient.invalidateQueries();
  };
  return { ...state, send };
}
