import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { launch, pageOf, readSite, signIn } from "./browser";

describe("a release to production", () => {
  const site = readSite();
  const { engineer, approver, service, target } = site;
  let browser: Browser;
  let engineers: Page;
  let approvers: Page;

  beforeAll(async () => {
    browser = await launch();
    engineers = await pageOf(browser, site);
    approvers = await pageOf(browser, site);
  });
  afterAll(() => browser.close());

  const choose = async (label: string, option: string) => {
    await engineers.getByRole("combobox", { name: label }).click();
    await engineers.getByRole("option", { name: option }).click();
  };

  it("is previewed by the engineer, and waits for its approval", async () => {
    await engineers.goto("/releases");
    await signIn(engineers, engineer);
    await engineers.getByRole("link", { name: "New release" }).click();
    await engineers.getByRole("heading", { name: "New release" }).waitFor();
    await choose("Service", service);
    await choose("Target", target);
    await engineers.getByRole("button", { name: "Preview" }).click();
    await engineers.getByText("This is a preview: nothing has changed yet.").waitFor();
    await engineers.getByText("service web").waitFor();
    await engineers.getByRole("button", { name: "Confirm & apply" }).click();
    await engineers.getByText("Pending approval").first().waitFor();
  });

  it("can't be approved by who asked for it", async () => {
    await engineers.getByRole("link", { name: /^APR-/ }).first().click();
    await engineers.getByRole("note").waitFor();
    expect(await engineers.getByRole("button", { name: "Approve", exact: true }).count()).toBe(0);
  });

  it("is approved in the inbox, with its risk and diff in view", async () => {
    await approvers.goto("/inbox");
    await signIn(approvers, approver);
    await approvers.getByRole("list", { name: "Tickets" }).getByRole("link").first().click();
    await approvers.getByText("The environment is production").waitFor();
    await approvers.getByLabel("Comment").fill("Looks right.");
    await approvers.getByRole("button", { name: "Approve", exact: true }).click();
    await approvers.getByText("Looks right.").first().waitFor();
  });

  it("is applied, with its log and its timeline on the page", async () => {
    await engineers.goto("/releases");
    await engineers
      .getByRole("link", { name: new RegExp(service) })
      .first()
      .click();
    await engineers.getByText("Applied", { exact: true }).first().waitFor({ timeout: 90_000 });
    await engineers.getByRole("tab", { name: "Log" }).click();
    await engineers.getByText(/ runs .*releases/).waitFor();
    await engineers.getByRole("tab", { name: "Timeline" }).click();
    for (const action of ["Release previewed", "Approval approved", "Release applied"]) {
      await engineers.getByText(action).waitFor();
    }
  });
});
