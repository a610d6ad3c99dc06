// Package config is everything that can be set about a service: which settings
// there are, what they are where nothing else is said, and where their values
// come from.
//
//	config.go        the values, their defaults, and what must hold between them
//	settings.go      the table of settings
//	limits.go        the table of limits, from which settings and a request's members come
//	field.go         how a value of each type is read and printed
//	size.go          numbers of bytes, as people write them
//	load.go          flags, environment and file, one over the other
//	file.go          the configuration file, and its profiles
//	yaml.go          a strict reader of YAML, for the configuration and the keys file
//	memory.go        how the service's memory is divided
//	memory_linux.go  how much there is
package config
