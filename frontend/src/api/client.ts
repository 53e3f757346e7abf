import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";

import { readCookie } from "@/lib/cookies";

import { RequestFailed } from "./errors";
import type { paths } from "./schema";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
/** A 401 of these says that nobody is signed in, not that a session ended. */
const ASKED_SIGNED_OUT = new Set(["/api/v1/auth/login", "/api/v1/auth/me"]);

type Listener = () => void;
const signedOutListeners = new Set<Listener>();

/** Calls back whenever the API says that the session is gone; a 403 never does. */
export function onSignedOut(listener: Listener): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

/** Adds the CSRF token, and turns every error answer into a thrown `RequestFailed`. */
const session: Middleware = {
  onRequest({ request }) {
    if (!SAFE_METHODS.has(request.method)) {
      request.headers.set("X-CSRFToken", readCookie("csrftoken") ?? "");
    }
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return;
    if (response.status === 401 && !ASKED_SIGNED_OUT.has(schemaPath)) {
      signedOutListeners.forEach((listener) => listener());
    }
    throw await RequestFailed.from(response);
  },
};

export const api = createFetchClient<paths>({ baseUrl: window.location.origin });
api.use(session);

/** The body of a successful answer; failures were thrown before. */
export async function answerOf<T>(request: Promise<{ data?: T }>): Promise<T> {
  const { data } = await request;
  if (data === undefined) throw new RequestFailed("unknown", "The answer was empty.", {}, "");
  return data;
}

/** Typed query hooks: `$api.useQuery("get", "/api/v1/…")`. */
export const $api = createQueryClient(api);
