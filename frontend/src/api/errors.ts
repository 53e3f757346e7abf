/** The error contract: one shape for every failure, and a sentence for every code. */

export interface ApiError {
  code: string;
  message: string;
  data: Record<string, unknown>;
  request_id: string;
}

export interface LineError {
  path: string;
  line: number | null;
  message: string;
}

/** Thrown by every request that was answered with an error. */
export class RequestFailed extends Error implements ApiError {
  constructor(
    readonly code: string,
    message: string,
    readonly data: Record<string, unknown>,
    readonly request_id: string,
  ) {
    super(message);
  }

  static async from(response: Response): Promise<RequestFailed> {
    const body: unknown = await response.json().catch(() => null);
    const { code, message, data, request_id: requestId } = toApiError(body);
    return new RequestFailed(code, message, data, requestId);
  }
}

const SENTENCES: Record<string, string> = {
  validation_error: "Some fields need another look.",
  not_authenticated: "You are signed out. Sign in to go on.",
  permission_denied: "You may see this, but you don't have the right to do it.",
  not_found: "This doesn't exist, or you may not see it.",
  throttled: "Too many requests. Wait a moment and try again.",
  preview_required: "This needs a fresh preview before it can be applied.",
  preview_expired: "The preview has expired. Make a new one to see what would change now.",
  preview_mismatch: "Something changed since the preview, so it can't be applied. Make a new one.",
  invalid_transition: "The state has changed meanwhile, so this is no longer possible.",
  release_locked: "Another release is running on this target.",
  freeze_active: "A freeze window is active, so nothing may be applied now.",
  approval_self_review: "You asked for this change, so someone else has to decide on it.",
  approval_already_decided: "This ticket has already been decided.",
  approval_ticket_expired: "This ticket has expired. The change has to be asked for again.",
  render_failed: "The manifest could not be rendered.",
  manifest_invalid: "The manifest is not valid.",
  artifact_missing: "Files the bundle needs are missing.",
  artifact_checksum_mismatch: "A file of the bundle is not the one its checksum names.",
  bundle_invalid: "The bundle is not valid.",
  bundle_incompatible: "The bundle does not fit these nodes.",
  ssh_unreachable: "The node can't be reached over SSH.",
  ssh_auth_failed: "The node refused the credential.",
  ssh_host_key_mismatch: "The node shows another host key than the one that was pinned.",
  ssh_host_key_unknown: "The node's host key is not pinned yet: enrol the node first.",
  kubeconfig_invalid: "The kubeconfig is not valid.",
  kubeconfig_forbidden_field: "The kubeconfig contains something that is never accepted.",
  cluster_address_forbidden: "The cluster's address is in a network that is not allowed.",
  cluster_forbidden: "The cluster credential lacks rights that this needs.",
  target_not_ready: "The target is not ready for a release.",
  cluster_unreachable: "The cluster can't be reached.",
  cluster_unauthorized: "The cluster refused the credential.",
  cluster_tls_invalid: "The cluster's certificate could not be verified.",
  no_previous_release: "There is no earlier release to go back to.",
  idempotency_conflict: "The same request was already sent with other content.",
  dependency_unavailable: "The database or the queue is away for a moment. Nothing was half done.",
  network: "Slipway can't be reached. Check the connection and try again.",
};

const REASONS: Record<string, string> = {
  approval_rejected: "A reviewer rejected it.",
  approval_ticket_expired: "Nobody decided before the ticket expired.",
  cancelled: "It was cancelled.",
  step_failed: "A step failed.",
  step_timeout: "A step took too long.",
  unhealthy: "It did not become healthy in time.",
  apply_conflict: "Another manager owns fields that it would have changed.",
  worker_lost: "The worker running it was lost.",
  needs_attention: "Its outcome on the host is unknown: someone has to look.",
  release_rollback_failed: "The rollback failed.",
  ipvs_unavailable: "The kernel has no IPVS.",
  vip_not_unique: "The virtual IP is held by more or less than one node.",
  legacy_status_unknown: "It comes from the older system with a state that is not known here.",
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Anything that was thrown by a request, as the one error shape. */
export function toApiError(error: unknown): ApiError {
  if (isRecord(error) && typeof error.code === "string") {
    return {
      code: error.code,
      message: typeof error.message === "string" ? error.message : "",
      data: isRecord(error.data) ? error.data : {},
      request_id: typeof error.request_id === "string" ? error.request_id : "",
    };
  }
  if (error instanceof TypeError) {
    return { code: "network", message: error.message, data: {}, request_id: "" };
  }
  return {
    code: "unknown",
    message: "The server gave no usable answer.",
    data: {},
    request_id: "",
  };
}

/** One sentence a person can act on. */
export function describeError(error: unknown): string {
  const { code, message } = toApiError(error);
  return SENTENCES[code] ?? (message || `The request failed (${code}).`);
}

/** Why a release or a task ended as it did; null when it carries no reason. */
export function describeReason(code: string | null | undefined): string | null {
  if (!code) return null;
  return REASONS[code] ?? SENTENCES[code] ?? code.replaceAll("_", " ");
}

/** `data.fields`, flattened to one text per field. */
export function fieldErrors(error: unknown): Record<string, string> {
  const { fields } = toApiError(error).data;
  if (!isRecord(fields)) return {};
  return Object.fromEntries(
    Object.entries(fields).map(([name, messages]) => [name, flatten(messages).join(" ")]),
  );
}

function flatten(messages: unknown): string[] {
  if (typeof messages === "string") return [messages];
  if (Array.isArray(messages)) return messages.flatMap(flatten);
  if (isRecord(messages)) {
    return Object.entries(messages).flatMap(([key, value]) =>
      flatten(value).map((text) => `${key}: ${text}`),
    );
  }
  return [];
}

/** `data.errors` of `render_failed` and `manifest_invalid`. */
export function lineErrors(error: unknown): LineError[] {
  const { errors } = toApiError(error).data;
  if (!Array.isArray(errors)) return [];
  return errors.filter(isRecord).map((item) => ({
    path: typeof item.path === "string" ? item.path : "",
    line: typeof item.line === "number" ? item.line : null,
    message: typeof item.message === "string" ? item.message : "",
  }));
}

const SHOWN_APART = new Set(["fields", "errors", "hint"]);

/** What to do about it, where the server knows. */
export function errorHint(error: unknown): string | null {
  const { hint } = toApiError(error).data;
  return typeof hint === "string" && hint !== "" ? hint : null;
}

/** What else the error's data says, as short lines: what differs, what is missing, who holds it. */
export function errorDetails(error: unknown): string[] {
  const { data } = toApiError(error);
  return Object.entries(data)
    .filter(([key, value]) => !SHOWN_APART.has(key) && stringify(value) !== "")
    .map(([key, value]) => `${key.replaceAll("_", " ")}: ${stringify(value)}`);
}

function stringify(value: unknown): string {
  if (Array.isArray(value)) return value.map(stringify).join(", ");
  if (isRecord(value)) return Object.values(value).map(stringify).join(" ");
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" ? value : "";
}
