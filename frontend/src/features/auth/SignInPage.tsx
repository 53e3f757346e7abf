import {
  Alert,
  Button,
  Card,
  Center,
  Group,
  PasswordInput,
  Stack,
  TextInput,
  Title,
} from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { type SyntheticEvent, useState } from "react";

import { $api } from "@/api/client";
import { fieldErrors, toApiError } from "@/api/errors";
import { meQuery } from "@/api/me";
import { ErrorNotice } from "@/components/ErrorNotice";
import { Logo } from "@/components/Logo";

import { safeDestination } from "./destination";

export function SignInPage() {
  const { next } = useSearch({ from: "/sign-in" });
  const router = useRouter();
  const queryClient = useQueryClient();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");

  // Asking who is signed in sets the CSRF cookie that signing in needs.
  useQuery(meQuery);
  const signIn = $api.useMutation("post", "/api/v1/auth/login", {
    onSuccess: () => {
      queryClient.clear();
      router.history.push(safeDestination(next));
    },
  });
  const fields = fieldErrors(signIn.error);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    signIn.mutate({ body: { username, password } });
  };

  return (
    <Center mih="100vh" p="md" component="main">
      <Card withBorder w={360} p="xl" shadow="sm" bg="var(--slipway-surface)">
        <form onSubmit={submit}>
          <Stack gap="md">
            <Group gap="sm">
              <Logo size={32} />
              <Title order={1}>Sign in to Slipway</Title>
            </Group>
            {signIn.isError && <SignInError error={signIn.error} />}
            <TextInput
              label="Username"
              autoComplete="username"
              value={username}
              onChange={(event) => setUsername(event.currentTarget.value)}
              error={fields.username}
              size="sm"
              required
              withAsterisk={false}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              error={fields.password}
              size="sm"
              required
              withAsterisk={false}
            />
            <Button type="submit" size="sm" loading={signIn.isPending} fullWidth>
              Sign in
            </Button>
          </Stack>
        </form>
      </Card>
    </Center>
  );
}

function SignInError({ error }: { error: unknown }) {
  if (toApiError(error).code !== "not_authenticated") {
    return <ErrorNotice error={error} title="Signing in failed" />;
  }
  return (
    <Alert color="red" role="alert">
      Wrong username or password.
    </Alert>
  );
}
