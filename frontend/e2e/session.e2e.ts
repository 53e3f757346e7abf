import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

const URL_OF_TEST = process.env.SLIPWAY_E2E_URL;
const USERNAME = process.env.SLIPWAY_E2E_USERNAME ?? "admin";
const PASSWORD = process.env.SLIPWAY_E2E_PASSWORD ?? "";
const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

describe.skipIf(!URL_OF_TEST)("a session", () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env.SLIPWAY_E2E_BROWSER ?? "/usr/bin/chromium",
      args: FLAGS.split(" "),
    });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    const context = await browser.newContext({ baseURL: URL_OF_TEST });
    page = await context.newPage();
  });
  afterEach(() => page.context().close());

  const signIn = async (password = PASSWORD) => {
    await page.getByLabel("Username").fill(USERNAME);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  };

  it("goes where one wanted to go after signing in", async () => {
    await page.goto("/releases?state=failed");
    await signIn();
    await page.getByRole("heading", { name: "Releases" }).waitFor();
    expect(new URL(page.url()).search).toBe("?state=failed");
  });

  it("says that the password is wrong", async () => {
    await page.goto("/");
    await signIn(`${PASSWORD}-wrong`);
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").textContent()).toContain("Wrong username or password");
  });

  it("asks to sign in again when the session has gone, and comes back", async () => {
    await page.goto("/environments");
    await signIn();
    await page.getByRole("heading", { name: "Environments" }).waitFor();
    await page.context().clearCookies({ name: "sessionid" });
    await page.getByRole("link", { name: "Inbox" }).click();
    await page.getByRole("heading", { name: "Sign in to Slipway" }).waitFor();
    await signIn();
    await page.getByRole("heading", { name: "Inbox" }).waitFor();
  });

  it("signs out", async () => {
    await page.goto("/");
    await signIn();
    await page.getByRole("button", { name: `Account of ${USERNAME}` }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to Slipway" }).waitFor();
    await page.goto("/inbox");
    await page.getByRole("heading", { name: "Sign in to Slipway" }).waitFor();
  });
});
