import { Button, Group } from "@mantine/core";

interface Props {
  mayDecide: boolean;
  /** An approval is for a chosen moment. */
  later: boolean;
  busy: boolean;
  pending: { approve: boolean; reject: boolean; say: boolean };
  onApprove: () => void;
  onReject: () => void;
  onSay: () => void;
}

export function DecisionButtons(props: Props) {
  const { mayDecide, later, busy, pending, onApprove, onReject, onSay } = props;
  return (
    <Group gap="xs">
      {mayDecide && (
        <>
          <Button color="green.8" loading={pending.approve} disabled={busy} onClick={onApprove}>
            {later ? "Approve for later" : "Approve"}
          </Button>
          <Button color="red.8" loading={pending.reject} disabled={busy} onClick={onReject}>
            Reject
          </Button>
        </>
      )}
      <Button variant="default" loading={pending.say} disabled={busy} onClick={onSay}>
        Add comment
      </Button>
    </Group>
  );
}
