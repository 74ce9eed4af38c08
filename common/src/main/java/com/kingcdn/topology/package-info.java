/**
 * What the CDN is made of: clusters of edge nodes, distributions with their customer hosts and origins, places and prefixes.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.topology.Cluster}, {@link com.kingcdn.topology.Distribution}.
 * All values, validated on construction; the same records are the JSON of the control API and the YAML of the configuration file.
 */
@NullMarked
package com.kingcdn.topology;

import org.jspecify.annotations.NullMarked;
