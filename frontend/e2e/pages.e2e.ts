import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { launch, readSite, signIn } from "./browser";

describe.each(["light", "dark"] as const)("with %s colours", (colorScheme) => {
  const site = readSite();
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[] = [];

  beforeAll(async () => {
    browser = await launch();
    context = await browser.newContext({ baseURL: site.url, colorScheme });
    page = await context.newPage();
    await page.goto("/releases");
    await signIn(page, site.engineer);
    await page.getByRole("heading", { name: "Releases" }).waitFor();
    // From here on: signed out, the first question is answered with a 401, as it has to be.
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
  });
  afterAll(() => browser.close());
  afterEach(() => {
    complaints = [];
  });

  it("shows the metrics, and switches their window", async () => {
    await page.goto("/metrics");
    await page.getByRole("heading", { name: "Metrics" }).waitFor();
    await page.getByText("7 days", { exact: true }).click();
    await page.waitForURL(/window=7/);
    await page
      .getByText("Nothing was released in the last 7 days")
      .or(page.getByRole("img", { name: "Deployments and failures of each of 7 days" }))
      .waitFor();
    expect(complaints).toEqual([]);
  });

  it("shows what can be released, and where to", async () => {
    await page.goto("/targets");
    await page.getByRole("cell", { name: site.target, exact: true }).waitFor();
    await page.getByRole("cell", { name: site.service, exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("shows that there is no cluster yet", async () => {
    await page.goto("/clusters");
    await page.getByText("No clusters yet").waitFor();
    expect(complaints).toEqual([]);
  });
});
