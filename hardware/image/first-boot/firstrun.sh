#!/bin/sh
# Run once by systemd.run= on the kernel's command line, before anything else; the machine reboots when it ends.
# It takes itself out of the command line in any case: a machine that starts without Hedgerow can be repaired, one that
# reboots for ever cannot.
set +e
boot=$(cd "$(dirname "$0")" && pwd)
sh "$boot/hedgerow/first-boot.sh" settings
sh "$boot/hedgerow/first-boot.sh" stage
sed -i -e 's| systemd\.run=[^ ]*||g' -e 's| systemd\.run_success_action=[^ ]*||g' -e 's| systemd\.unit=kernel-command-line\.target||g' "$boot/cmdline.txt"
rm -f "$boot/firstrun.sh"
sync
exit 0
