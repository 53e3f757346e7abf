/** Where to go after signing in: a path of this site, whatever the address said. */
export function safeDestination(next: string | undefined): string {
  if (!next?.startsWith("/") || /^\/[/\\]/.test(next) || next.startsWith("/sign-in")) {
    return "/releases";
  }
  return next;
}
