/** Between the API's instants and what a field for date and time holds: the viewer's wall clock. */

const pad = (value: number, length = 2) => String(value).padStart(length, "0");

/** "2026-03-01T12:34" on the viewer's clock. */
export function toLocalInput(iso: string): string {
  const at = new Date(iso);
  const day = `${pad(at.getFullYear(), 4)}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  return `${day}T${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

/** The instant of a field's text, in UTC; null for what is no moment, such as an empty field. */
export function fromLocalInput(text: string): string | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** The viewer's time zone, as "Europe/Berlin". */
export const viewerZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The zone with its distance from UTC at an instant, as "Europe/Berlin, UTC+02:00". */
export function describeZone(at: number, zone = viewerZone()): string {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    timeZoneName: "longOffset",
  }).formatToParts(at);
  const offset = parts.find(({ type }) => type === "timeZoneName")?.value.replace("GMT", "UTC");
  return zone === "UTC" || offset === undefined ? zone : `${zone}, ${offset}`;
}

/** "2026-03-01 12:34, Europe/Berlin": a moment on the viewer's clock. */
export const formatLocal = (iso: string): string =>
  `${toLocalInput(iso).replace("T", " ")}, ${viewerZone()}`;
