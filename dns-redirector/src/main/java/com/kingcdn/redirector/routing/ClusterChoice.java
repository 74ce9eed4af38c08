package com.kingcdn.redirector.routing;

/**
 * The cluster that answers a map unit's clients now.
 *
 * @param index its place in the list of all clusters
 */
public record ClusterChoice(int index, ServingCluster cluster, ChoiceReason reason) {}
