import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import { meQuery } from "@/api/me";
import type { InstallTask, Me } from "@/api/types";

import { RetryButton } from "./RetryButton";

// The API's client takes the browser's fetch when it is loaded.
const answer = vi.hoisted(() => {
  const mock = vi.fn<(request: Request) => Promise<Response>>();
  globalThis.fetch = mock as unknown as typeof fetch;
  return mock;
});

const TASK = { id: 5, environment_id: 3, status: "failed" } as unknown as InstallTask;
const FROZEN = {
  code: "freeze_active",
  message: "Changes are frozen here.",
  data: { freeze: { id: 1, reason: "Quarter's end", ends_at: null } },
  request_id: "r-1",
};

/** The button, for somebody with these rights; retries without a reason meet a freeze. */
function show(permissions: string[]) {
  const sent: unknown[] = [];
  const projects = [{ id: 7, name: "Shop", slug: "shop", permissions }];
  const me = { user: {}, teams: [], projects } as unknown as Me;
  answer.mockImplementation(async (request) => {
    if (request.url.endsWith("/auth/me")) return Response.json(me);
    if (request.method === "GET") return Response.json({ id: 3, project_id: 7, status: "failed" });
    const body = (await request.json()) as { freeze_override: string };
    sent.push(body);
    return body.freeze_override
      ? Response.json({ ...TASK, status: "queued" }, { status: 202 })
      : Response.json(FROZEN, { status: 409 });
  });
  const queryClient = new QueryClient();
  queryClient.setQueryData(meQuery.queryKey, me);
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queryClient}>
        <RetryButton task={TASK} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Retry what did not succeed" }));
  return sent;
}

it("asks for a reason in a freeze, and retries with it", async () => {
  const sent = show(["project_manage"]);
  expect(await screen.findByText(/Quarter's end/)).toBeInTheDocument();
  fireEvent.change(await screen.findByLabelText(/^Why can't it wait/), {
    target: { value: "The disk is full" },
  });
  fireEvent.click(screen.getByRole("button", { name: "Retry despite the freeze" }));
  await vi.waitFor(() => expect(screen.queryByText(/Quarter's end/)).not.toBeInTheDocument());
  expect(sent).toEqual([{ freeze_override: "" }, { freeze_override: "The disk is full" }]);
});

it("offers no override without the right to it", async () => {
  show(["environment_install"]);
  expect(await screen.findByText(/Retry it when the freeze is over/)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /despite/ })).not.toBeInTheDocument();
});
