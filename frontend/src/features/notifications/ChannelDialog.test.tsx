import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";

import { ChannelDialog } from "./ChannelDialog";

// The API's client takes the browser's fetch when it is loaded.
const answer = vi.hoisted(() => {
  const mock = vi.fn<(request: Request) => Promise<Response>>();
  globalThis.fetch = mock as unknown as typeof fetch;
  return mock;
});

const URL_WITH_TOKEN = "https://hooks.example.com/canary-token";
const SECRET = "whsec_canary-secret";

let queryClient: QueryClient;
const onClose = vi.fn();

beforeEach(() => {
  answer.mockReset();
  onClose.mockReset();
  queryClient = new QueryClient();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queryClient}>
        <ChannelDialog project={7} channel={null} onClose={onClose} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  fireEvent.change(screen.getByLabelText(/^Name/), { target: { value: " on-call " } });
  fireEvent.change(screen.getByLabelText(/^URL/), { target: { value: URL_WITH_TOKEN } });
});

const send = () => fireEvent.click(screen.getByRole("button", { name: "Create channel" }));

const expectNothingKept = () => {
  const kept = [queryClient.getMutationCache().getAll(), queryClient.getQueryCache().getAll()];
  expect(JSON.stringify(kept.flat().map(({ state }) => state))).not.toContain("canary");
};

it("shows the signing secret once, and keeps neither it nor the address", async () => {
  answer.mockResolvedValue(Response.json({ id: 3, signing_secret: SECRET }, { status: 201 }));
  send();
  expect(await screen.findByText(SECRET)).toBeInTheDocument();
  const body: unknown = await answer.mock.calls[0]?.[0].json();
  expect(body).toEqual({
    name: "on-call",
    kind: "webhook",
    url: URL_WITH_TOKEN,
    events: ["approval.created", "approval.reminded", "release.failed", "break_glass.used"],
    enabled: true,
  });
  expect(onClose).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "I have it" }));
  expect(onClose).toHaveBeenCalledOnce();
  expectNothingKept();
});

it("closes where there is no secret to show", async () => {
  answer.mockResolvedValue(Response.json({ id: 3, signing_secret: "" }, { status: 201 }));
  send();
  await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expectNothingKept();
});

it("says at the field why an address was refused", async () => {
  const fields = { url: ["The address is not one that notifications may go to."] };
  const error = { code: "validation_error", message: "", data: { fields }, request_id: "r-1" };
  answer.mockResolvedValue(Response.json(error, { status: 400 }));
  send();
  expect(await screen.findByText(/not one that notifications may go to/)).toBeInTheDocument();
  expect(onClose).not.toHaveBeenCalled();
});
