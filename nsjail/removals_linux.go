package nsjail

import (
	"errors"
	"fmt"

	"github.com/hotcell/hotcell/nsjail/uids"
)

// ErrRemovedLater is wrapped by [Cell.Close] when something is left of the cell that is
// removed in the background: see [Host.Unremoved]. On a busy machine that may be so though
// nothing is wrong, so the log tells only of what stays.
var ErrRemovedLater = errors.New("hotcell tries again")

// remove gives back the cgroup and the uid of a dead cell. If that fails, it is tried
// again in the background, and no other cell gets the uid until then.
func (c *Cell) remove() error {
	err := c.tryRemove()
	if err != nil {
		c.host.removals.Later(c.id, c.uid, c.tryRemove)
		return fmt.Errorf("%w (%w)", err, ErrRemovedLater)
	}
	return nil
}

// tryRemove removes the cgroup and then gives back the uid: a removed cgroup has no
// process. In spawn mode fork the cell was also process 1 of a pid namespace, whose
// other processes ended with it. In spawn mode exec it was not, so without cgroups the
// list of all processes must show that none has the uid.
func (c *Cell) tryRemove() error {
	tracked := false
	if c.group != nil {
		if err := c.group.Remove(); err != nil {
			return err
		}
		tracked = c.group.Tracks()
	}
	if c.ownZygote && !tracked && !c.host.ids.Single {
		if pid := uids.InUse()[c.uid]; pid != 0 {
			return fmt.Errorf("process %d still has uid %d", pid, c.uid)
		}
	}
	c.host.uids.Put(c.uid)
	return nil
}
