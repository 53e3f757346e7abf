import { Alert, createTheme, type MantineColorsTuple } from "@mantine/core";

const harbor: MantineColorsTuple = [
  "#ebf5fa",
  "#d6e8f0",
  "#a9d0e2",
  "#79b7d4",
  "#52a2c8",
  "#3a95c1",
  "#2b86b3",
  "#1f7099",
  "#17597b",
  "#0f4560",
];

const tinted = (color: string) => ({
  "--alert-bg": `color-mix(in srgb, ${color} 8%, var(--slipway-surface))`,
  "--alert-bd": `1px solid color-mix(in srgb, ${color} 40%, transparent)`,
});

/** Dense and calm: small controls, one accent, system fonts (nothing is fetched from elsewhere). */
export const theme = createTheme({
  primaryColor: "harbor",
  primaryShade: { light: 7, dark: 7 },
  colors: { harbor },
  defaultRadius: "sm",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  headings: {
    fontWeight: "600",
    sizes: { h1: { fontSize: "1.25rem" }, h2: { fontSize: "1rem" }, h3: { fontSize: "0.875rem" } },
  },
  cursorType: "pointer",
  components: {
    Alert: Alert.extend({
      classNames: { root: "slipway-alert" },
      // A tint, a line and the page's own surface: calmer than the filled blocks.
      vars: (_theme, { color = "gray" }) => ({ root: tinted(`var(--mantine-color-${color}-6)`) }),
    }),
    Button: { defaultProps: { size: "xs" } },
    TextInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", checkIconPosition: "right" } },
    Radio: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "sm" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: "sm" } },
    Modal: { defaultProps: { centered: true } },
  },
});
