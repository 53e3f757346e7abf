import { Button, Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { $api } from "@/api/client";
import { useMe } from "@/api/me";
import { ChevronIcon, UserIcon } from "@/components/icons";

export function UserMenu() {
  const { user } = useMe();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const signOut = $api.useMutation("post", "/api/v1/auth/logout", {
    onSettled: async () => {
      await navigate({ to: "/sign-in", search: {} });
      queryClient.clear();
    },
  });
  return (
    <Menu position="bottom-end" width={180} shadow="md">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          leftSection={<UserIcon />}
          rightSection={<ChevronIcon size={14} />}
          aria-label={`Account of ${user.username}`}
        >
          {user.username}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href="/api/v1/docs">
          API reference
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => signOut.mutate({})}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
