"""Programs that are called kubeadm, kubelet, kubectl, ctr and crictl, and stand in for those.

Each is a few lines of sh on a host: it tells the test how it was called, and does what the test
answers. What the real ones would know of each other is in the test, in `Control`, whose API is the
Kubernetes stand-in: what joins here is a node there.
"""
