import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { launch, pageOf, readSite, signIn } from "./browser";

describe("the inbox of an approver", () => {
  const { waiting, approver, ...site } = readSite();
  const [first = "", second = "", third = ""] = waiting;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launch();
    page = await pageOf(browser, { ...site, waiting, approver });
    await page.goto("/inbox");
    await signIn(page, approver);
    await page.getByRole("checkbox", { name: `Choose ${first}` }).waitFor();
  });
  afterAll(() => browser.close());

  it("finds a ticket by its number, and clears the search", async () => {
    await page.getByLabel("Search tickets").fill(second);
    await page.getByRole("checkbox", { name: `Choose ${first}` }).waitFor({ state: "detached" });
    await page.getByRole("checkbox", { name: `Choose ${second}` }).waitFor();
    expect(new URL(page.url()).searchParams.get("q")).toBe(second);
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByRole("checkbox", { name: `Choose ${first}` }).waitFor();
    expect(await page.getByLabel("Search tickets").inputValue()).toBe("");
  });

  it("rejects two tickets at once, and only with a reason", async () => {
    await page.getByRole("checkbox", { name: `Choose ${first}` }).check();
    await page.getByRole("link", { name: new RegExp(second) }).focus();
    await page.keyboard.press("x");
    await page.getByRole("button", { name: "Reject…" }).click();
    const dialog = page.getByRole("dialog", { name: "Reject 2 tickets" });
    await dialog.getByRole("button", { name: "Reject 2 tickets" }).click();
    await dialog.getByText("Say why in a few words.").waitFor();
    await dialog.getByLabel("Comment").fill("Not this week.");
    await dialog.getByRole("button", { name: "Reject 2 tickets" }).click();
    await dialog.getByText("2 rejected").waitFor();
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByRole("checkbox", { name: `Choose ${first}` }).waitFor({ state: "detached" });
    await page.goto(`/inbox/${second}?scope=all`);
    await page.getByLabel("History of the ticket").getByText("Not this week.").waitFor();
  });

  it("approves a change for a later moment", async () => {
    await page.goto(`/inbox/${third}`);
    await page.getByRole("button", { name: "Claim" }).click();
    await page.getByText("Claimed").waitFor();
    await page.getByLabel("Start later").check();
    await page.getByRole("button", { name: "Approve for later" }).click();
    await page.getByText("Choose a day and a time.").waitFor();
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
    await page.getByLabel("Not before").fill(tomorrow);
    await page.getByRole("button", { name: "Approve for later" }).click();
    await page.getByText(/^not before /).waitFor();
  });
});
