package com.kingcdn.redirector.routing;

/**
 * The cluster that answers a client now.
 *
 * @param index its place in the list of all clusters
 * @param first whether it was chosen without a look at another one: so do all clients whose first cluster it is
 * @param split whether a neighbour of the client, outside its {@linkplain ClientBlock block}, may get another one because of load
 */
public record ClusterChoice(int index, ServingCluster cluster, ChoiceReason reason, boolean first, boolean split) {}
