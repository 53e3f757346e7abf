import type { ReactNode } from "react";

interface IconProps {
  size?: number;
}

const stroked = (paths: ReactNode) =>
  function Icon({ size = 16 }: IconProps) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.8}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {paths}
      </svg>
    );
  };

export const RocketIcon = stroked(
  <>
    <path d="M12 15l-3-3c.7-3.5 2.5-7 8-9 1-.3 2-.4 3-.3.1 1 0 2-.3 3-2 5.5-5.2 8.6-7.7 9.3z" />
    <path d="M9 12H5l2.5-4H12M12 15v4l4-2.5V12M5 16c-1 1-1.5 4-1.5 4s3-.5 4-1.5" />
  </>,
);
export const InboxIcon = stroked(
  <>
    <path d="M4 5h16v14H4z" />
    <path d="M4 13h4l1.5 3h5L16 13h4" />
  </>,
);
export const ServerIcon = stroked(
  <>
    <rect x="4" y="4" width="16" height="7" rx="1.5" />
    <rect x="4" y="13" width="16" height="7" rx="1.5" />
    <path d="M8 7.5h.01M8 16.5h.01M12 7.5h4M12 16.5h4" />
  </>,
);
export const ChartIcon = stroked(<path d="M4 4v16h16M8.5 16v-4M13 16V7M17.5 16v-6" />);
export const TargetIcon = stroked(
  <>
    <circle cx="12" cy="12" r="8" />
    <circle cx="12" cy="12" r="3" />
  </>,
);
export const ClusterIcon = stroked(
  <>
    <path d="M12 3.5 19.5 8v8L12 20.5 4.5 16V8z" />
    <path d="M4.5 8 12 12.2 19.5 8M12 12.2v8.3" />
  </>,
);
export const SunIcon = stroked(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4" />
  </>,
);
export const MoonIcon = stroked(<path d="M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5z" />);
export const MonitorIcon = stroked(
  <>
    <rect x="3" y="4" width="18" height="12" rx="1.5" />
    <path d="M9 20h6M12 16v4" />
  </>,
);
export const CheckIcon = stroked(<path d="m5 12.5 4.5 4.5L19 7.5" />);
export const CrossIcon = stroked(<path d="M6 6l12 12M18 6 6 18" />);
export const WarningIcon = stroked(
  <>
    <path d="M12 4 2.8 19.5h18.4z" />
    <path d="M12 10v4.5M12 17h.01" />
  </>,
);
export const CopyIcon = stroked(
  <>
    <rect x="9" y="9" width="11" height="11" rx="1.5" />
    <path d="M5 15H4V4h11v1" />
  </>,
);
export const UserIcon = stroked(
  <>
    <circle cx="12" cy="8" r="4" />
    <path d="M4.5 20a7.5 7.5 0 0 1 15 0" />
  </>,
);
export const ChevronIcon = stroked(<path d="m6 9 6 6 6-6" />);
export const PlusIcon = stroked(<path d="M12 5v14M5 12h14" />);
export const UndoIcon = stroked(<path d="M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6v1" />);
export const ArrowDownIcon = stroked(<path d="M12 5v14M6 13l6 6 6-6" />);
export const SearchIcon = stroked(
  <>
    <circle cx="11" cy="11" r="6.5" />
    <path d="m16 16 4.5 4.5" />
  </>,
);
export const MinusIcon = stroked(<path d="M6 12h12" />);
export const FilterIcon = stroked(<path d="M4 5h16l-6 8v5l-4 2v-7z" />);
export const ShieldIcon = stroked(<path d="M12 3l7 3v5c0 5-3 8.5-7 10-4-1.5-7-5-7-10V6z" />);
export const DotsIcon = stroked(<path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth={3} />);
