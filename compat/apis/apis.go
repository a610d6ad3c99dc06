// Package apis lists the drop-in APIs.
package apis

import (
	"slices"

	"github.com/hotcell/hotcell/compat"
	"github.com/hotcell/hotcell/compat/azure"
	"github.com/hotcell/hotcell/compat/dify"
	"github.com/hotcell/hotcell/compat/e2b"
	"github.com/hotcell/hotcell/compat/jupyter"
	"github.com/hotcell/hotcell/compat/piston"
	"github.com/hotcell/hotcell/compat/sandboxfusion"
	"github.com/hotcell/hotcell/compat/snekbox"
)

// All returns every API, each new.
func All() []compat.API {
	return []compat.API{
		sandboxfusion.New(),
		jupyter.New(),
		azure.New(),
		dify.New(),
		piston.New(),
		snekbox.New(),
		e2b.New(),
	}
}

// Named returns those with these names, each new.
func Named(names []string) []compat.API {
	return slices.DeleteFunc(All(), func(a compat.API) bool { return !slices.Contains(names, a.Name) })
}
