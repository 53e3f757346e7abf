/** A hull on its ramp: the mark of Slipway. */
export function Logo({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#17475f" />
      <path d="M5 25 27 15.5V20L15.5 25Z" fill="#5fc3d6" />
      <path
        d="M8.5 15.5 23.5 9c.6 2.8-.8 4.9-3.5 6.1l-6.2 2.7c-2.3 1-4.5.2-5.3-2.3Z"
        fill="#ffffff"
      />
    </svg>
  );
}
