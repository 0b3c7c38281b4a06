#!/bin/sh
# init.sh PROGRAM...: the first process of a kernel made for this. Commit charge is counted strictly; a group has
# little memory and no second thread. Runs each PROGRAM in the group, says "limits: kept" or "limits: broken", and
# switches off.
mount -t proc none /proc
mount -t sysfs none /sys
mount -t cgroup2 none /sys/fs/cgroup
echo 2 >/proc/sys/vm/overcommit_memory
echo '+memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
group=/sys/fs/cgroup/limited
mkdir $group
echo 64M >$group/memory.max
echo 1 >$group/pids.max

result=kept
for program; do
    case $program in /*) ;; *) break ;; esac # the kernel adds words of its own
    sh -c "echo \$\$ >$group/cgroup.procs && exec $program" || result=broken
done
echo "limits: $result"
echo o >/proc/sysrq-trigger
sleep 60
