#!/bin/sh
# The kubelet's service. kubeadm starts it when there is something to do. Safe to run again.
set -eu
# shellcheck source=../common/lib.sh
. "$SLIPWAY_HOOKS_DIR/lib.sh"
# shellcheck source=../common/kubernetes.sh
. "$SLIPWAY_HOOKS_DIR/kubernetes.sh"

changed=
require_root
nodes_only
address=$(own_address)
say "address of the node: ${address:-that of the default route}"
put_node_file /etc/default/kubelet 0644 <<END
KUBELET_EXTRA_ARGS=${address:+--node-ip=$address}
END
put_node_file /etc/systemd/system/kubelet.service 0644 <"$SLIPWAY_HOOKS_DIR/kubelet.service"
systemctl daemon-reload
systemctl enable --quiet kubelet.service
if [ -e "$node_member" ]; then
    if [ -n "$changed" ]; then systemctl restart kubelet.service; else systemctl start kubelet.service; fi
fi
progress 100 "the kubelet is ready"
