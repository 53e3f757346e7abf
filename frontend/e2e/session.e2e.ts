import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { launch, pageOf, readSite, signIn } from "./browser";

describe("a session", () => {
  const site = readSite();
  const { engineer } = site;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    page = await pageOf(browser, site);
  });
  afterEach(() => page.context().close());

  it("goes where one wanted to go after signing in", async () => {
    await page.goto("/releases?state=failed");
    await signIn(page, engineer);
    await page.getByRole("heading", { name: "Releases" }).waitFor();
    expect(new URL(page.url()).search).toBe("?state=failed");
  });

  it("says that the password is wrong", async () => {
    await page.goto("/");
    await signIn(page, { ...engineer, password: `${engineer.password}-wrong` });
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").textContent()).toContain("Wrong username or password");
  });

  it("asks to sign in again when the session has gone, and comes back", async () => {
    await page.goto("/environments");
    await signIn(page, engineer);
    await page.getByRole("heading", { name: "Environments" }).waitFor();
    await page.context().clearCookies({ name: "sessionid" });
    await page.getByRole("link", { name: "Inbox" }).click();
    await page.getByRole("heading", { name: "Sign in to Slipway" }).waitFor();
    await signIn(page, engineer);
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
  });

  it("signs out", async () => {
    await page.goto("/");
    await signIn(page, engineer);
    await page.getByRole("button", { name: `Account of ${engineer.username}` }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to Slipway" }).waitFor();
    await page.goto("/inbox");
    await page.getByRole("heading", { name: "Sign in to Slipway" }).waitFor();
  });
});
