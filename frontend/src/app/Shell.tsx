import { AppShell, Burger, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet } from "@tanstack/react-router";

import { Logo } from "@/components/Logo";

import { ColorSchemeToggle } from "./ColorSchemeToggle";
import { Navigation } from "./Navigation";
import { ProjectFilter } from "./ProjectFilter";
import classes from "./Shell.module.css";
import { UserMenu } from "./UserMenu";

export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 192, breakpoint: "md", collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header className={classes.bar}>
        <a href="#main" className={classes.skip}>
          Skip to content
        </a>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="md"
            size="sm"
            aria-label={opened ? "Close navigation" : "Open navigation"}
          />
          <Link to="/releases" className={classes.brand} aria-label="Slipway, releases">
            <Logo />
            <Text fw={650} size="lg" visibleFrom="xs">
              Slipway
            </Text>
          </Link>
          <Group ml="auto" gap="xs" wrap="nowrap">
            <ProjectFilter />
            <ColorSchemeToggle />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" className={classes.bar} aria-label="Main">
        <Navigation onNavigate={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
