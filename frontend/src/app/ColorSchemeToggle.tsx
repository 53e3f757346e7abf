import { ActionIcon, Tooltip, useMantineColorScheme } from "@mantine/core";

import { MonitorIcon, MoonIcon, SunIcon } from "@/components/icons";

const SCHEMES = {
  auto: { icon: <MonitorIcon size={18} />, label: "Colours follow the system", next: "light" },
  light: { icon: <SunIcon size={18} />, label: "Light colours", next: "dark" },
  dark: { icon: <MoonIcon size={18} />, label: "Dark colours", next: "auto" },
} as const;

export function ColorSchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { icon, label, next } = SCHEMES[colorScheme];
  return (
    <Tooltip label={`${label}; change`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={`${label}; change`}
        onClick={() => setColorScheme(next)}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
