// Keeps each user's newest account set.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
)

type event struct {
	ID   string `json:"id"`
	Data struct {
		User     string `json:"user"`
		Revision int64  `json:"revision"`
		Change   string `json:"change"`
	} `json:"data"`
}

// Yours are tables, written in one transaction with what you do for the event.
var (
	seen      = map[string]bool{}
	revisions = map[string]int64{}
)

func apply(e event) {
	user, revision := e.Data.User, e.Data.Revision
	switch {
	case seen[e.ID]:
		fmt.Println("again", e.ID)
	case revision <= revisions[user]:
		fmt.Println("older", user, revision)
	default:
		revisions[user] = revision
		fmt.Println("applied", user, revision, e.Data.Change)
	}
	seen[e.ID] = true
}

func main() {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(os.Getenv("BOOTSTRAP_SERVERS")),
		kgo.ConsumerGroup(os.Getenv("GROUP_ID")),
		kgo.ConsumeTopics("argyle.users.fully-synced"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()
	for {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			log.Fatal(err)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			var e event
			if err := json.Unmarshal(record.Value, &e); err != nil {
				log.Fatalf("%s/%d@%d: %v", record.Topic, record.Partition, record.Offset, err)
			}
			apply(e)
		})
		// After the work is done: a crash repeats it, and it is known again by its id.
		if err := client.CommitUncommittedOffsets(ctx); err != nil {
			log.Fatal(err)
		}
	}
}
