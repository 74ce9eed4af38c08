package com.kingcdn.edge.agent;

import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.purge.CaughtUp;
import com.kingcdn.edge.purge.Purger;
import com.kingcdn.edge.push.FillListener;
import com.kingcdn.edge.upstream.TierTable;

/** The parts of the edge that control events act on. */
public record AgentTargets(
        DistributionTable distributions, TierTable tiers, Purger purger, CaughtUp caughtUp, FillListener fills) {}
