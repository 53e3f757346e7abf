import { describe, expect, it } from "vitest";

import {
  describeError,
  errorDetails,
  errorHint,
  fieldErrors,
  lineErrors,
  RequestFailed,
  toApiError,
} from "./errors";

const failed = (code: string, data: Record<string, unknown> = {}) =>
  new RequestFailed(code, "As the server said.", data, "r-1");

describe("errors of the contract", () => {
  it("become a sentence, or what the server said when the code is new", () => {
    expect(describeError(failed("preview_expired"))).toContain("has expired");
    expect(describeError(failed("something_new"))).toBe("As the server said.");
  });

  it("know that the server could not be reached", () => {
    expect(toApiError(new TypeError("Failed to fetch")).code).toBe("network");
  });

  it("give each field its messages, however deep they came", () => {
    const error = failed("validation_error", {
      fields: { reason: ["Too long.", "Not plain."], variables: { PORT: ["Required."] } },
    });
    expect(fieldErrors(error)).toEqual({
      reason: "Too long. Not plain.",
      variables: "PORT: Required.",
    });
  });

  it("list the lines of a manifest", () => {
    const error = failed("manifest_invalid", {
      errors: [{ path: "compose.yaml", line: 4, message: "Unknown key." }, "noise"],
    });
    expect(lineErrors(error)).toEqual([{ path: "compose.yaml", line: 4, message: "Unknown key." }]);
    expect(errorDetails(error)).toEqual([]);
  });

  it("tell what to do apart from what went wrong", () => {
    const error = failed("cluster_unreachable", {
      hint: "Check the port.",
      server: "10.0.0.1",
      contexts: [],
    });
    expect(errorHint(error)).toBe("Check the port.");
    expect(errorDetails(error)).toEqual(["server: 10.0.0.1"]);
    expect(errorHint(failed("cluster_unreachable"))).toBeNull();
  });

  it("show what differs", () => {
    const error = failed("preview_mismatch", { mismatch: ["variables", "target_changed"] });
    expect(errorDetails(error)).toEqual(["mismatch: variables, target_changed"]);
  });
});

it("survives an answer that is not JSON", async () => {
  const error = await RequestFailed.from(new Response("<html>", { status: 502 }));
  expect(error.code).toBe("unknown");
});
