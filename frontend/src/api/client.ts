import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";

import { readCookie } from "@/lib/cookies";

import type { paths } from "./schema";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);
const LOGIN_PATH = "/api/v1/auth/login";

type Listener = () => void;
const signedOutListeners = new Set<Listener>();

/** Calls back whenever the API says that the session is gone; a 403 never does. */
export function onSignedOut(listener: Listener): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

const session: Middleware = {
  onRequest({ request }) {
    if (!SAFE_METHODS.has(request.method)) {
      request.headers.set("X-CSRFToken", readCookie("csrftoken") ?? "");
    }
    return request;
  },
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== LOGIN_PATH) {
      signedOutListeners.forEach((listener) => listener());
    }
  },
};

export const api = createFetchClient<paths>({ baseUrl: window.location.origin });
api.use(session);

/** Typed query hooks: `$api.useQuery("get", "/api/v1/…")`. */
export const $api = createQueryClient(api);
