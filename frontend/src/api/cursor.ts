/** The cursor in a list's `next` address; undefined on the last page. */
export function cursorOf(next: string | null | undefined): string | undefined {
  if (!next) return undefined;
  return new URL(next, window.location.origin).searchParams.get("cursor") ?? undefined;
}

interface Page<T> {
  results: T[];
  next?: string | null;
}

export const nextCursor = (last: Page<unknown>): string | undefined => cursorOf(last.next);

export const allResults = <T>(data: { pages: Page<T>[] } | undefined): T[] =>
  data?.pages.flatMap((page) => page.results) ?? [];
