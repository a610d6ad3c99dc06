// Package config is the configuration of a service: its settings, their defaults,
// and where their values come from.
//
//	config.go        the values, their defaults, and which of them contradict each other
//	settings.go      the table of settings
//	limits.go        the table of limits, from which settings and a request's members come
//	field.go         parsing and printing values of each type
//	size.go          numbers of bytes, such as 64MiB
//	load.go          combines flags, environment and file
//	file.go          the configuration file and its profiles
//	yaml.go          a strict reader of YAML, for the configuration and the keys file
//	guarded.go       reads a file that others must not change
//	memory.go        dividing the service's memory
//	memory_linux.go  the machine's memory, and how many descriptors there may be
//	print.go         the configuration as a file, and an example with every setting
//	addresses.go     which addresses may be listened on, and which are given twice
//	nats.go          the address of a cluster that joins nodes, and this node's own
//	warnings.go      what a configuration allows and few would want
//	descriptors.go   how many descriptors the settings require, and how many connections they leave
package config
