import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

export interface Person {
  username: string;
  password: string;
}

/** What the test run made ready on the server at `url`: people, and a service that can be released. */
export interface Site {
  url: string;
  engineer: Person;
  approver: Person;
  /** Manages the project. */
  lead: Person;
  project: string;
  service: string;
  target: string;
  /** Tickets of releases of another service, which an admin asked for. */
  waiting: string[];
}

/** The JSON object in SLIPWAY_E2E, which tests/e2e/test_browser.py sets. */
export function readSite(): Site {
  const told = process.env.SLIPWAY_E2E;
  if (!told) throw new Error("SLIPWAY_E2E is not set: run tests/e2e/test_browser.py");
  return JSON.parse(told) as Site;
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.SLIPWAY_E2E_BROWSER ?? "/usr/bin/chromium",
    args: FLAGS.split(" "),
  });
}

/** A browser of one person's own: its cookies are nobody else's. */
export async function pageOf(browser: Browser, from: Site): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ baseURL: from.url });
  return context.newPage();
}

export async function signIn(page: Page, { username, password }: Person): Promise<void> {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
