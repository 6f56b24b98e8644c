/**
 * First stage, in the initramfs: the host's files read-only by 9p, a layer in memory over them, and on into that.
 * udevadm ignores requests in a chroot, so it is a real switch_root.
 */
export const firstStage = `#!/bin/busybox sh
export PATH=/bin
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
while read -r module; do busybox insmod "/modules/$module"; done < /modules/order
busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro hostroot /host || exec busybox sh
busybox mount -t tmpfs -o size=128m layer /layer
busybox mkdir /layer/upper /layer/work
busybox mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work root /root || exec busybox sh
busybox mkdir -p /root/towline-lab
busybox cp /second-stage /root/towline-lab/init
busybox umount /proc /sys
exec busybox switch_root /root /towline-lab/init
`;

/**
 * Second stage, on the host's own userland: file systems, modules by modalias, the Ethernet uplink, then the resident that serves the lab,
 * and a shell on the second serial line when one is asked for. The guest ends with the resident.
 */
export const secondStage = `#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=linux
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for place in /dev/shm /run /tmp; do mount -t tmpfs tmpfs $place; done
mkdir -p /run/lock
value() { sed -n "s/.*lab\\.$1=\\([^ ]*\\).*/\\1/p" /proc/cmdline; }
mkdir -p "/lib/modules/$(uname -r)"
mount --bind "$(value modules)" "/lib/modules/$(uname -r)"
mount -t debugfs debugfs /sys/kernel/debug
hostname gateway
# Drivers only. Nodes are devtmpfs's: mdev, which lags behind, would take the node of a modem that is there for the one that has left.
printf '%s\\n' '$MODALIAS=.* 0:0 660 @/sbin/modprobe -q -b "$MODALIAS"' '.* 0:0 660 !' > /etc/mdev.conf
busybox mdev -d
modprobe vhci_hcd
# Whoever asks for PPP finds it: there is no device that would load it.
modprobe ppp_async
sysctl -q -w net.ipv6.conf.eth0.accept_ra=0
ip link set lo up
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2 dev eth0 metric 100
dmesg -n 7
if [ -n "$(value shell)" ]; then
  (cd /root; setsid --ctty --wait /bin/bash --rcfile "$(value shell)" -i < /dev/ttyS1 > /dev/ttyS1 2>&1; busybox poweroff -f) &
fi
"$(value node)" "$(value resident)" "$(value control)"
sync
busybox poweroff -f
`;
