import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { launch, pageOf, readSite, signIn } from "./browser";

describe("the governance of a project", () => {
  const site = readSite();
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launch();
    page = await pageOf(browser, site);
    await page.goto("/governance");
    await signIn(page, site.lead);
    await page.getByRole("heading", { name: "Governance" }).waitFor();
  });
  afterAll(() => browser.close());

  const choose = async (within: Page | Locator, label: string, option: string) => {
    await within.getByRole("combobox", { name: label }).click();
    await page.getByRole("option", { name: option, exact: true }).click();
  };

  it("refuses a policy that nobody could satisfy, at its field", async () => {
    await page.getByRole("button", { name: "New policy" }).click();
    const dialog = page.getByRole("dialog", { name: "New policy" });
    await choose(dialog, "Holds in", site.project);
    await choose(dialog, "Action", "Virtual IP");
    await dialog.getByLabel("Approvals").fill("99");
    await dialog.getByRole("button", { name: "Create policy" }).click();
    await dialog.getByText(/^Nobody could satisfy this/).waitFor();
    expect(await dialog.getByLabel("Approvals").getAttribute("aria-invalid")).toBe("true");
    await dialog.getByLabel("Approvals").fill("2");
    await dialog.getByRole("button", { name: "Create policy" }).click();
    await page
      .getByRole("button", { name: `Edit Virtual IP, production, ${site.project}` })
      .waitFor();
  });

  it("says that the project's own policy decides, and what it overrules", async () => {
    const panel = page.getByRole("region", { name: "Which policy decides?" });
    await choose(panel, "Project", site.project);
    await choose(panel, "Action", "Virtual IP");
    await panel.getByText("The project's own policy decides.").waitFor();
    await panel.getByText("the policy for all projects, which asks for 1 approval").waitFor();
  });

  it("lets go of the policy again", async () => {
    const name = `Virtual IP, production, ${site.project}`;
    await page.getByRole("button", { name: `Delete ${name}` }).click();
    await page.getByRole("button", { name: "Yes, delete it" }).click();
    await page.getByRole("button", { name: `Edit ${name}` }).waitFor({ state: "detached" });
  });

  it("freezes the evenings of a week", async () => {
    await page.getByRole("tab", { name: "Freezes" }).click();
    await page.getByRole("button", { name: "New freeze" }).click();
    const dialog = page.getByRole("dialog", { name: "New freeze" });
    await choose(dialog, "Holds in", site.project);
    await choose(dialog, "Tier", "Staging");
    await dialog.getByLabel("Reason").fill("Nobody is there");
    await dialog.getByText("Every week").click();
    await dialog.getByText("Thu", { exact: true }).click();
    await dialog.getByRole("button", { name: "Create freeze" }).click();
    await page.getByText(/^Thu, Fri 18:00 to 08:00 of the next day, /).waitFor();
  });

  it("tells nothing to an address inside the network", async () => {
    await page.getByRole("tab", { name: "Notifications" }).click();
    await page.getByRole("button", { name: "New channel" }).click();
    const form = page.getByRole("dialog", { name: "New channel" });
    await form.getByLabel("Name").fill("hook");
    await form.getByRole("textbox", { name: "URL" }).fill("https://127.0.0.1/hook");
    await form.getByRole("button", { name: "Create channel" }).click();
    await form.getByText("The channel was not saved").waitFor();
  });
});
