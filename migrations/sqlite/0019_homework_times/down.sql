DROP TABLE joint_confirmations;
DROP TABLE calendar_feeds;
DROP TABLE time_proposal_confirmations;
DROP TABLE time_proposals;
