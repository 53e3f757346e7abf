import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";

import { meQuery } from "@/api/me";
import type { Me } from "@/api/types";

import { ImportDialog } from "./ImportDialog";

// The API's client takes the browser's fetch when it is loaded.
const answer = vi.hoisted(() => {
  const mock = vi.fn<(request: Request) => Promise<Response>>();
  globalThis.fetch = mock as unknown as typeof fetch;
  return mock;
});

const KUBECONFIG = "users: [{name: a, user: {token: canary-token}}]";
const ME = {
  user: { id: 1, username: "lead" },
  teams: [],
  projects: [{ id: 7, name: "Shop", slug: "shop", permissions: ["cluster_manage"] }],
} as unknown as Me;

let queryClient: QueryClient;
const onClose = vi.fn();

beforeEach(() => {
  answer.mockReset();
  onClose.mockReset();
  queryClient = new QueryClient();
  queryClient.setQueryData(meQuery.queryKey, ME);
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queryClient}>
        <ImportDialog project={undefined} opened onClose={onClose} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  fireEvent.change(screen.getByLabelText(/^Name/), { target: { value: "main" } });
  fireEvent.change(screen.getByLabelText(/^Kubeconfig/), { target: { value: KUBECONFIG } });
});

const send = () => fireEvent.click(screen.getByRole("button", { name: "Import" }));

const expectNothingKept = () => {
  expect(screen.getByLabelText<HTMLTextAreaElement>(/^Kubeconfig/).value).toBe("");
  const kept = [queryClient.getMutationCache().getAll(), queryClient.getQueryCache().getAll()];
  expect(JSON.stringify(kept.flat().map(({ state }) => state))).not.toContain("canary-token");
};

it("sends the kubeconfig once, and keeps nothing of it", async () => {
  answer.mockResolvedValue(Response.json({ id: 3 }, { status: 201 }));
  send();
  expectNothingKept();
  await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  const body: unknown = await answer.mock.calls[0]?.[0].json();
  expect(body).toEqual({ name: "main", project_id: 7, kubeconfig: KUBECONFIG, verify: true });
  expectNothingKept();
});

it("says what to do when it was refused, and keeps nothing either", async () => {
  const error = {
    code: "cluster_unreachable",
    message: "No answer.",
    data: { hint: "Check the firewall." },
    request_id: "r-1",
  };
  answer.mockResolvedValue(Response.json(error, { status: 502 }));
  send();
  expect(await screen.findByText("Check the firewall.", { exact: false })).toBeInTheDocument();
  expect(screen.getByText(/paste it again/)).toBeInTheDocument();
  expect(onClose).not.toHaveBeenCalled();
  expectNothingKept();
});
